"""
A mailbox for demonstrations and tests: takes every mail by SMTP and shows it on a page.

    GET    /                                     the page; also under --base-path
    GET    /api/mails?to=&limit=&cursor=         newest first; `to` is part of a recipient
    GET    /api/mails/{id}                       headers, text, HTML, list of attachments
    GET    /api/mails/{id}/attachments/{n}       n counts from 0
    GET    /api/mails/{id}/raw                   the .eml as it came
    DELETE /api/mails                            all of them
    GET    /mails/{id}/body                      the HTML, in a sandbox
    GET    /healthz

Mails are .eml files in one folder; the newest 5,000 are kept. A mail is a stranger's: its
scripts never run, its remote pictures are not fetched, its attachments never open as a page.
"""
