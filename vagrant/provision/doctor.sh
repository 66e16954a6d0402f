#!/usr/bin/env bash
# Says what the machine can do: one line a fact. Ends every start, as root; fails on a MISS.
[ -d /vagrant/vagrant/provision ] && here=/vagrant/vagrant/provision || here=$(dirname "$0")
# shellcheck source=vagrant/provision/surroundings.sh
source "$here/surroundings.sh"

command -v lab > /dev/null || give_up 'the workshop is not set up in here' 'vagrant provision'
exec lab doctor
