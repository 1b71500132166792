import Foundation
import HTTPPipeline
import KeyConstructor
import PipelineTesting
import TestSupport
import Testing

/// Runs the vectors recorded from drf-extensions: bit data, its JSON, and the MD5 of that.
@Suite struct KeyVectorConformanceTests {
    struct DataKeyBit: KeyBit {
        let value: KeyValue
        func write(_ exchange: Exchange, to writer: inout KeyWriter) { writer.write(value) }
    }

    struct Vector: Decodable {
        let name: String
        let typed: TypedValue?
        let json: String?
        let md5: String?
    }

    @Test func `Recorded keys are reproduced`() async throws {
        var report = ConformanceReport(file: "keys.json")
        for vector in try ConformanceReport.cases(of: Vector.self, in: "keys.json") {
            guard let json = vector.json, let md5 = vector.md5 else {
                report.skip(vector.name, "Python rejects it, and KeyValue has no such case")
                continue
            }
            guard case .object(let members)? = vector.typed?.value else {
                report.skip(vector.name, "it cannot occur in Swift: a lone surrogate")
                continue
            }
            let constructor = KeyConstructor(members.map { ($0.name, KeyConstructor.Bit(DataKeyBit(value: $0.value))) })
            let text = try await constructor.explanation(for: .testing())
            let key = try await constructor.key(for: .testing())
            report.check(vector.name, text == json && key.description == md5, "\(text) instead of \(json)")
        }
        report.finish()
    }
}
