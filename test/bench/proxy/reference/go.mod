module lull.dev/bench/reference

go 1.22
