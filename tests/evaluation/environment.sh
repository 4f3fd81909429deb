# To be sourced: makes the Python environment of the comparisons with other programs in the folder $environment. Exit
# status 77: there is none, the reason is printed.
skip() { echo "skipped: $*"; exit 77; }

if ! cmp -s "$here/requirements.txt" "$environment/requirements.txt"; then
  rm -rf "$environment"
  python3 -m venv "$environment" || skip "python3 cannot make a virtual environment"
  "$environment/bin/pip" install -q --disable-pip-version-check --retries 1 --timeout 30 -r "$here/requirements.txt" ||
    skip "the Python packages of $here/requirements.txt cannot be had"
  cp "$here/requirements.txt" "$environment/"
fi
