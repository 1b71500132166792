import TestSupport
import Testing

/// Runs the vectors that were recorded from drf-extensions: a method, its conditions and a tag; what is answered.
@Suite struct ETagVectorConformanceTests {
    @Test func `Recorded conditional requests give the recorded responses`() async throws {
        var report = ConformanceReport(file: "etag.json")
        for fields in try ConformanceReport.objects(in: "etag.json") {
            let vector = ETagVector(fields: fields)
            let answer = try await vector.answer()
            report.check(vector.name, answer == vector.expected, "\(answer) instead of \(vector.expected)")
        }
        report.finish()
    }
}
