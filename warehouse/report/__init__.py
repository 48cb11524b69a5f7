"""The report site: the published tables -> view models -> charts and pages, without scheduler and without network.

`warehouse.report.headline` answers the one question in a sentence, for the site, the terminal and Prefect alike.
`warehouse.report.pages` says what stands on a page, `charts` draws, `site` writes.
"""
