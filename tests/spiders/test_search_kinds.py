from monitor.types import SEARCH_SPIDERS
from spiders import load_spiders
from spiders.search import SearchSpider


def test_the_kinds_that_give_pages_of_results_are_known_to_the_figure():
    assert {name for name, spider in load_spiders().items() if issubclass(spider, SearchSpider)} == SEARCH_SPIDERS
