"""Parts that the windows of settings and first run are made of: fields, their controls, and whole forms.

They show a Setup and send requests; whether something may be is decided by the engine, whose refusal is shown
under the field that it names.
"""
