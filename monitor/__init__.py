"""Didban: what is said about a brand in public, and why people leave its newsletter.

The packages and what flows between them:

    spiders  the web in, :mod:`monitor.types` out
    monitor  what is kept and what it means
    nlp      text in; language, label, score, topic, reason out
    web      the dashboard

>>> from monitor.brands import BrandMatcher
>>> BrandMatcher("دیدبان", aliases=["Didban"]).matches("از ديدبان خیلی راضی‌ام")
True
>>> from monitor.loss import LossScale
>>> LossScale().share(3)
59.2
"""

__version__ = "0.1.0"
