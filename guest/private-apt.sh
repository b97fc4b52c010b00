# Read by the recipes: apt with the machine's sources, and lists and state of its own in a directory, so that packages of i386
# can be had and the machine stays as it is. $private_apt: that directory. $private_apt_architectures: "i386", or "amd64,i386".

private_apt() {
	"apt-$1" -qq -o Dir::State="$private_apt" -o Dir::State::status="$private_apt/status" -o Dir::Cache="$private_apt/cache" \
		-o APT::Architecture="${private_apt_architectures%%,*}" -o APT::Architectures="$private_apt_architectures" \
		-o APT::Sandbox::User=root -o Acquire::Languages=none "${@:2}"
}

# Starts from the machine's lists: apt falls back on them for a source that is out of order. What is asked for next shows what matters.
prepare_private_apt() {
	mkdir -p "$private_apt"/{lists,cache/archives}/partial
	touch "$private_apt/status"
	cp /var/lib/apt/lists/*_* "$private_apt/lists/" 2>/dev/null || true
	private_apt get update || true
}
