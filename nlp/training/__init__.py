"""Everything that makes the shipped model; needs the ``train`` extra, running the product does not."""
