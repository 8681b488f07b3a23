# Names for the commands that CONTRIBUTING.md explains: https://just.systems

# Shows the recipes.
default:
    @just --list

# Serves a county to try; `just run serve` serves your own.
run *command="demo":
    cargo run --release -- {{ command }}

# All tests on both engines; `just test on_sqlite` those on one, `just test a_double_checkin_counts_once` one story.
test *name:
    cargo test --workspace -- {{ name }}

# Everything that must hold before a change is taken.
check:
    .ci/run

# Writes openapi.yaml anew.
contract:
    cargo run --quiet -p api -- openapi > openapi.yaml.new
    mv openapi.yaml.new openapi.yaml

# What Kiteline does in a second, beside its yardsticks.
bench *options:
    cargo bench -p kiteline-tests --bench figures -- {{ options }}
