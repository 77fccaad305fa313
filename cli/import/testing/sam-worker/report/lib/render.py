def render(event):
    return str(event)
