# Starts the application that FRAMEWORK names, by the command that its documentation gives, on PORT.
cd "/srv/$FRAMEWORK" || exit 1
case $FRAMEWORK in
  express) exec node server.mjs ;;
  flask) exec python3 -m gunicorn --bind ":$PORT" --worker-tmp-dir /tmp app:app ;;
  fastapi) exec python3 -m uvicorn --host 0.0.0.0 --port "$PORT" app:app ;;
esac
