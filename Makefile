# SAM 3D for Blender. `make` alone lists what there is to make.

PYTHON ?= $(firstword $(foreach python,python3.11 python3.12 python3.13 python3,\
	$(shell $(python) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(python))))
export SAM3D_ENV_DIR ?= build/env

.PHONY: help build repository release demo test unit engine faults blender window lint types format mutants pictures diagram lock clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/'

WEBSITE ?=
build: python  ## build the extension's zips into dist/ (WEBSITE=https://...: with this as the add-on's home)
	$(PYTHON) tools/build.py --website "$(WEBSITE)"

ADDRESS ?=
repository: python  ## make dist/repository/, to install and update from (ADDRESS=https://...: where it will be served)
	$(PYTHON) tools/repository.py --address "$(ADDRESS)" --website "$(WEBSITE)"

demo: python  ## turn a sample photo into an object in Blender; see build/demo/
	$(PYTHON) tools/environments.py blender-4.5
	$(PYTHON) tools/build.py
	$(SAM3D_ENV_DIR)/blender-4.5/bin/python tools/demo.py

test: python  ## run every check and test that this machine allows (ARGS=--require-all: all of them, or fail)
	$(PYTHON) tools/run_tests.py $(ARGS)

unit: python  ## run the quick tests that need no Blender (ARGS='-k mask': options of pytest, here and below)
	$(PYTHON) tools/run_tests.py unit --pytest="$(ARGS)"

engine: python  ## run the tests of the engine: drafts, selection, rigging
	$(PYTHON) tools/run_tests.py engine --pytest="$(ARGS)"

faults: python  ## run the tests of all that can go wrong on the way to a service
	$(PYTHON) tools/run_tests.py faults --pytest="$(ARGS)"

blender: python  ## run the tests in Blender (BLENDER=4.5: in one version)
	$(PYTHON) tools/run_tests.py $(if $(BLENDER),$(addprefix blender-,$(BLENDER)),blender) --pytest="$(ARGS)"

window: python  ## run the tests in Blender's window
	$(PYTHON) tools/run_tests.py window --pytest="$(ARGS)"

lint: python  ## run the checks of style, types and imports only
	$(PYTHON) tools/run_tests.py lint

types: python  ## run the checks of types only
	$(PYTHON) tools/run_tests.py types

format: python  ## put the code into its form
	$(PYTHON) tools/environments.py dev
	$(SAM3D_ENV_DIR)/dev/bin/ruff check --fix .
	$(SAM3D_ENV_DIR)/dev/bin/ruff format .

SAMPLE ?= 200
SEED ?= 1
mutants: python  ## change lines where no Blender is needed, and name what no test notices (SAMPLE, SEED, PACKAGE=jobs)
	$(PYTHON) tools/environments.py dev
	$(SAM3D_ENV_DIR)/dev/bin/python tools/mutants.py --sample $(SAMPLE) --seed $(SEED) --package "$(PACKAGE)"

pictures: python  ## make the pictures of the documentation again (needs a window)
	$(PYTHON) tools/environments.py dev blender-4.5
	$(PYTHON) tools/build.py
	$(SAM3D_ENV_DIR)/dev/bin/python tools/pictures.py

diagram: python  ## draw the packages and their imports again (docs/pictures/packages.svg)
	$(PYTHON) tools/environments.py dev
	PYTHONPATH=build/python $(SAM3D_ENV_DIR)/dev/bin/python tools/package_picture.py

lock: python  ## choose the versions in requirements/*.txt anew
	$(PYTHON) tools/environments.py --lock

release: python  ## see to all that a release needs, and tell what is left for you (ADDRESS, WEBSITE as above)
	$(PYTHON) tools/release.py --address "$(ADDRESS)" --website "$(WEBSITE)"

clean:  ## take away everything that is made
	rm -rf build dist help wheels

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found."; exit 1; }
