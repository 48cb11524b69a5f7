"""The report site: the published tables -> view models -> charts and pages, without scheduler and without network.

`warehouse.report.headline` is the answer in a sentence, for the site, the terminal and Prefect.
`warehouse.report.pages` has the content of each page, `charts` draws the charts, `site` writes the files.
"""
