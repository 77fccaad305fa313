// The reference that Lull's data path is measured against, the bare server behind both, and the load: standard library only.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	switch os.Args[1] {
	case "proxy":
		proxy(os.Args[2], os.Args[3])
	case "server":
		server(os.Args[2])
	case "load":
		load()
	}
}

// A ReverseProxy as people write it: a target, and enough idle connections.
func proxy(listen, target string) {
	to, _ := url.Parse(target)
	handler := httputil.NewSingleHostReverseProxy(to)
	handler.Transport = &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true}
	fmt.Println("listening")
	panic(http.ListenAndServe(listen, handler))
}

// GET /bytes/N answers with N bytes; anything with a body is read and its length answered.
func server(listen string) {
	filler := make([]byte, 1<<20)
	for i := range filler {
		filler[i] = 'x'
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/bytes/"))
		if r.ContentLength != 0 {
			read, _ := io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, read)
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(n))
		for n > 0 {
			part := min(n, len(filler))
			if _, err := w.Write(filler[:part]); err != nil {
				return
			}
			n -= part
		}
	})
	fmt.Println("listening")
	panic(http.ListenAndServe(listen, nil))
}

type result struct {
	Requests int     `json:"requests"`
	Errors   int     `json:"errors"`
	Seconds  float64 `json:"seconds"`
	P50      float64 `json:"p50"`
	P99      float64 `json:"p99"`
	Worst    float64 `json:"worst"`
}

// load ADDRESS HOST PATH CONNECTIONS SECONDS BODYBYTES RATE: closed loop, keep-alive; RATE requests a second over all connections, 0 for as many as go.
func load() {
	address, host, path := os.Args[2], os.Args[3], os.Args[4]
	connections, _ := strconv.Atoi(os.Args[5])
	seconds, _ := strconv.ParseFloat(os.Args[6], 64)
	bodyBytes, _ := strconv.Atoi(os.Args[7])
	rate, _ := strconv.ParseFloat(os.Args[8], 64)
	method := "GET"
	body := ""
	if bodyBytes > 0 {
		method = "POST"
		body = fmt.Sprintf("Content-Length: %d\r\n", bodyBytes)
	}
	request := []byte(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: load\r\nAccept: */*\r\n" + body + "\r\n" + strings.Repeat("x", bodyBytes))
	begun := time.Now()
	end := begun.Add(time.Duration(seconds * float64(time.Second)))
	var mutex sync.Mutex
	var all []float64
	errors := 0
	var group sync.WaitGroup
	for i := 0; i < connections; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			var own []float64
			failed := 0
			var connection net.Conn
			var reader *bufio.Reader
			interval := time.Duration(0)
			next := begun
			if rate > 0 {
				interval = time.Duration(float64(connections) / rate * float64(time.Second))
				next = begun.Add(interval * time.Duration(i) / time.Duration(connections))
			}
			for time.Now().Before(end) {
				if rate > 0 {
					time.Sleep(time.Until(next))
				}
				at := time.Now()
				// Latency from when the request was due: a proxy that stalls is not forgiven those that it kept from being sent.
				if rate > 0 && at.After(next) {
					at = next
				}
				next = next.Add(interval)
				if connection == nil {
					var err error
					if connection, err = net.Dial("tcp", address); err != nil {
						failed++
						time.Sleep(10 * time.Millisecond)
						continue
					}
					reader = bufio.NewReaderSize(connection, 65536)
				}
				if err := once(connection, reader, request); err != nil {
					failed++
					connection.Close()
					connection = nil
					continue
				}
				own = append(own, time.Since(at).Seconds()*1000)
			}
			mutex.Lock()
			all = append(all, own...)
			errors += failed
			mutex.Unlock()
		}(i)
	}
	group.Wait()
	took := time.Since(begun).Seconds()
	sort.Float64s(all)
	out := result{Requests: len(all), Errors: errors, Seconds: took}
	if len(all) > 0 {
		out.P50, out.P99, out.Worst = all[len(all)/2], all[len(all)*99/100], all[len(all)-1]
	}
	json.NewEncoder(os.Stdout).Encode(out)
}

// One request and its answer, of which only the length is read: the load must cost less than what it measures.
func once(connection net.Conn, reader *bufio.Reader, request []byte) error {
	if _, err := connection.Write(request); err != nil {
		return err
	}
	length, status := -1, ""
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		if status == "" {
			status = string(line[9:12])
		}
		if len(line) == 2 {
			break
		}
		if len(line) > 16 && strings.EqualFold(string(line[:15]), "content-length:") {
			length, _ = strconv.Atoi(strings.TrimSpace(string(line[15:])))
		}
	}
	if length < 0 {
		return fmt.Errorf("no Content-Length")
	}
	if _, err := reader.Discard(length); err != nil {
		return err
	}
	if status != "200" {
		return fmt.Errorf("status %s", status)
	}
	return nil
}
