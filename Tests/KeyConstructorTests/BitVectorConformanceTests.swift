import Foundation
import HTTPPipeline
import KeyConstructor
import TestSupport
import Testing

/// Runs the vectors recorded from drf-extensions: a request, a view and bits; the JSON and the key.
@Suite struct BitVectorConformanceTests {
    @Test func `Recorded requests give the recorded JSON and key`() async throws {
        var report = ConformanceReport(file: "bits.json")
        for fields in try ConformanceReport.objects(in: "bits.json") {
            let vector = BitVector(fields)
            guard let constructor = vector.constructor() else {
                report.skip(
                    vector.name, "a bit or constructor that does not exist here, or parameters that stop the program")
                continue
            }
            let expected = vector.expected
            do {
                let exchange = try vector.exchange()
                let json = try await constructor.explanation(for: exchange)
                let key = try await constructor.key(for: exchange)
                let isRight = json == expected.json && (expected.key.map { $0 == key.description } ?? true)
                report.check(
                    vector.name, isRight && key == CacheKey(digestOf: json),
                    "\(json) instead of \(expected.json ?? "status \(expected.status ?? 0)")"
                )
            } catch is FormatNegotiation.NotAcceptable {
                report.check(vector.name, expected.status == 406, "refused instead of \(expected)")
            }
        }
        report.finish()
    }
}
