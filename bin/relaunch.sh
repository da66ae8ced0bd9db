#!/bin/sh
# Called by the root pom when Maven was started on a JDK older than 25: runs the same command again
# through ./mvnw. Maven keeps its own command line in MAVEN_CMD_LINE_ARGS.
set -eu
cd "$(dirname "$0")/.."
if [ "${HOLDFAST_RELAUNCHED:-}" = yes ]; then
  echo "holdfast: ./mvnw did not find a JDK 25; see the message above." >&2
  exit 1
fi
if [ -z "${MAVEN_CMD_LINE_ARGS:-}" ]; then
  echo "holdfast: this Maven runs on a JDK older than 25. Use ./mvnw, which finds one." >&2
  exit 1
fi
HOLDFAST_RELAUNCHED=yes
export HOLDFAST_RELAUNCHED
echo "holdfast: Maven runs on an older JDK; the same command again through ./mvnw"
# Split at blanks on purpose: an argument that holds a blank needs ./mvnw.
# shellcheck disable=SC2086
exec ./mvnw $MAVEN_CMD_LINE_ARGS
