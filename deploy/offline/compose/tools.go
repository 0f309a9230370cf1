//go:build tools

// Package tools pins the compose plugin that deploy/offline/engine builds where no package brings it.
package tools

import _ "github.com/docker/compose/v2/cmd"
