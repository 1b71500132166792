import TestSupport
import Testing

/// Runs the sequences recorded from drf-extensions: requests to a cached view, and the time between them.
@Suite struct CacheVectorConformanceTests {
    @Test func `Recorded sequences give the recorded responses`() async throws {
        // The handler runs where it ran in drf-extensions.
        var report = ConformanceReport(file: "cache.json")
        for vector in try ConformanceReport.cases(of: CacheVector.self, in: "cache.json") {
            let failure = try await vector.failure()
            report.check(vector.name, failure == nil, failure ?? "")
        }
        report.finish()
    }
}
