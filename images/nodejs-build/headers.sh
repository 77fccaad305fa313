# Run when the image is built: the headers of the Node that packages with native parts are compiled for. Without them node-gyp downloads them from outside any registry, each time.
set -eu
export npm_config_cache=/tmp/npm
npm pack --silent --pack-destination /tmp "node-linux-$(node -p process.arch)@$(node -p process.versions.node)"
rm -rf /usr/local/lib/node-headers
mkdir /usr/local/lib/node-headers
tar -xzf /tmp/node-linux-*.tgz -C /usr/local/lib/node-headers --strip-components=1 package/include
rm -rf /tmp/npm /tmp/node-linux-*.tgz
