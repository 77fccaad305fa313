from lib.render import render


def main(event, context):
    return render(event)
