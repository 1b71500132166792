import TestSupport
import Testing

/// Runs the vectors recorded from drf-extensions: a method, conditions, a tag, and the response.
@Suite struct ETagVectorConformanceTests {
    @Test func `Recorded conditional requests give the recorded responses`() async throws {
        var report = ConformanceReport(file: "etag.json")
        for fields in try ConformanceReport.objects(in: "etag.json") {
            let vector = ETagVector(fields: fields)
            let outcome = try await vector.outcome()
            report.check(vector.name, outcome == vector.expected, "\(outcome) instead of \(vector.expected)")
        }
        report.finish()
    }
}
