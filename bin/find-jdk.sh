# Sourced by mvnw and holdfast: leaves the home of a JDK 25 or later in JDK, or nothing.
# Only the file `release` is read, no java is started to ask for its version: this runs each time.

JDK_WANTED=25

jdk_is_new_enough() {
  [ -f "$1/release" ] && [ -x "$1/bin/java" ] || return 1
  while IFS= read -r jdk_line; do
    case $jdk_line in
      JAVA_VERSION=*)
        jdk_line=${jdk_line#*\"}
        jdk_line=${jdk_line%%[!0-9]*}
        [ -n "$jdk_line" ] && [ "$jdk_line" -ge "$JDK_WANTED" ]
        return
        ;;
    esac
  done < "$1/release"
  return 1
}

find_jdk() {
  for JDK in "${JAVA_HOME:-}" \
      /usr/lib/jvm/*25* /usr/lib/jvm/default-java /usr/lib/jvm/* \
      "$HOME"/.sdkman/candidates/java/25* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
      /opt/*25* /opt/*jdk* /opt/java/* \
      /Library/Java/JavaVirtualMachines/*/Contents/Home \
      /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    if [ -n "$JDK" ] && jdk_is_new_enough "$JDK"; then
      return 0
    fi
  done
  JDK=
  return 1
}

require_jdk() {
  find_jdk && return 0
  cat >&2 <<EOF
holdfast: no JDK $JDK_WANTED found.
Install one (Debian: a package such as temurin-25-jdk or openjdk-25-jdk; SDKMAN: sdk install java 25-tem;
macOS: brew install openjdk@25), or set JAVA_HOME to one you have.
EOF
  return 1
}
