import Foundation
import Metrics
import TestSupport
import Testing

@Suite("Operating: a page of figures in Prometheus' text format 0.0.4")
struct PageTests {
    static func sample() -> MetricPage {
        var page = MetricPage()
        page.single("twolists_one", .gauge, "A \\ back\nslash and \"quotes\".", 7)
        page.family("twolists_calls_total", .counter, "Calls.") {
            $0.sample("twolists_calls_total", [("method", "a\"b\\c\nd随"), ("code", "OK")], UInt64.max)
            $0.sample("twolists_calls_total", [("method", "other"), ("code", "OK")], Double.infinity)
        }
        var histogram = Histogram(Scale([100_000, 2_000_000_000], unit: 1_000_000_000))
        for value: Int64 in [1, 100_000, 100_001, 3_000_000_000] { histogram.add(value) }
        page.family("twolists_seconds", .histogram, "Seconds.") {
            $0.histogram("twolists_seconds", [("method", "m")], histogram)
        }
        return page
    }

    @Test("HELP and TYPE before each family, values escaped, buckets cumulative up to +Inf")
    func transcript() {
        let text = String(decoding: Self.sample().bytes, as: UTF8.self)
        #expect(
            text == """
                # HELP twolists_one A \\\\ back\\nslash and "quotes".
                # TYPE twolists_one gauge
                twolists_one 7
                # HELP twolists_calls_total Calls.
                # TYPE twolists_calls_total counter
                twolists_calls_total{method="a\\"b\\\\c\\nd随",code="OK"} 18446744073709551615
                twolists_calls_total{method="other",code="OK"} +Inf
                # HELP twolists_seconds Seconds.
                # TYPE twolists_seconds histogram
                twolists_seconds_bucket{method="m",le="0.0001"} 2
                twolists_seconds_bucket{method="m",le="2"} 3
                twolists_seconds_bucket{method="m",le="+Inf"} 4
                twolists_seconds_sum{method="m"} 3.000200002
                twolists_seconds_count{method="m"} 4

                """)
    }

    @Test("a family is told once and a series once: the first counts")
    func once() {
        var page = MetricPage()
        page.family("a", .gauge, "A.") {
            $0.sample("a", [("l", "1")], 1)
            $0.sample("a", [("l", "1")], 2)
            $0.sample("a", [("l", "2")], 3)
        }
        page.single("a", .counter, "Again.", 9)
        #expect(
            String(decoding: page.bytes, as: UTF8.self)
                == "# HELP a A.\n# TYPE a gauge\na{l=\"1\"} 1\na{l=\"2\"} 3\n")
    }

    @Test("Prometheus' own parser reads the same values back")
    func oracle() throws {
        let script =
            "import sys\nfrom prometheus_client.parser import text_string_to_metric_families as f\n"
            + "for m in f(sys.stdin.read()):\n for s in m.samples: print(m.type, s.name, sorted(s.labels.items()), s.value)\n"
        let result = try runProcess(
            try requirePrometheusClient(), ["-c", script], input: Self.sample().bytes,
            environment: ["PYTHONIOENCODING": "utf-8"])
        #expect(result.status == 0, "\(result.errorText)")
        #expect(
            result.outputText.split(separator: "\n") == [
                "gauge twolists_one [] 7",
                #"counter twolists_calls_total [('code', 'OK'), ('method', 'a"b\\c\nd随')] 18446744073709551615"#,
                "counter twolists_calls_total [('code', 'OK'), ('method', 'other')] inf",
                "histogram twolists_seconds_bucket [('le', '0.0001'), ('method', 'm')] 2",
                "histogram twolists_seconds_bucket [('le', '2'), ('method', 'm')] 3",
                "histogram twolists_seconds_bucket [('le', '+Inf'), ('method', 'm')] 4",
                "histogram twolists_seconds_sum [('method', 'm')] 3.000200002",
                "histogram twolists_seconds_count [('method', 'm')] 4",
            ], "\(result.outputText)")
    }
}
