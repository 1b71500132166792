import Foundation
import HTTPPipeline
import KeyConstructor
import PipelineTesting
import Testing

/// Runs the vectors that were recorded from drf-extensions: bit data, the JSON made of it, its MD5.
///
/// They are read from `Tests/Fixtures/drf`, or from the folder that the environment variable `DRF_VECTORS` names.
@Suite struct KeyVectorConformanceTests {
    struct DataKeyBit: KeyBit {
        let value: KeyValue
        func write(_ exchange: Exchange, to writer: inout KeyWriter) { writer.write(value) }
    }

    /// A recorded value with its Python type: `{"t": "int", "v": ...}`.
    struct Typed: Decodable {
        let value: KeyValue?

        private enum CodingKeys: String, CodingKey { case t, v }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            switch try container.decode(String.self, forKey: .t) {
            case "str": value = .string(try container.decode(String.self, forKey: .v))
            case "bool": value = .bool(try container.decode(Bool.self, forKey: .v))
            case "none", "null": value = .null
            case "int":
                let text = try? container.decode(String.self, forKey: .v)
                let number = text.map(Int.init) ?? (try? container.decode(Int.self, forKey: .v))
                value = number.map { .integer($0) }
            case "float":
                let text = try? container.decode(String.self, forKey: .v)
                let number = text.map(Double.init) ?? (try? container.decode(Double.self, forKey: .v))
                value = number.map { .double($0) }
            case "list", "tuple":
                let elements = try container.decode([Typed].self, forKey: .v).map(\.value)
                value = elements.contains(nil) ? nil : .array(elements.compactMap(\.self))
            case "dict":
                let members = try container.decode([[Typed]].self, forKey: .v).map { pair -> KeyValue.Member? in
                    guard case .string(let name)? = pair.first?.value, let value = pair.last?.value else { return nil }
                    return KeyValue.Member(name, value)
                }
                value = members.contains(nil) ? nil : .object(members.compactMap(\.self))
            default: value = nil
            }
        }
    }

    struct Vector: Decodable {
        let name: String
        let typed: Typed?
        let json: String?
        let md5: String?
    }

    struct File: Decodable {
        let cases: [Vector]
    }

    static func vectors() throws -> [Vector] {
        let folder =
            ProcessInfo.processInfo.environment["DRF_VECTORS"].map { URL(fileURLWithPath: $0) }
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/drf")
        let data = try Data(contentsOf: folder.appending(path: "keys.json"))
        return try JSONDecoder().decode(File.self, from: data).cases
    }

    @Test func `Recorded keys are reproduced`() async throws {
        var passed = 0
        var failed: [String] = []
        var outside: [String] = []
        for vector in try Self.vectors() {
            // What has no JSON failed in the original; what KeyValue cannot carry cannot occur.
            guard let json = vector.json, let md5 = vector.md5, case .object(let members)? = vector.typed?.value else {
                outside.append(vector.name)
                continue
            }
            var constructor = KeyConstructor()
            for member in members { constructor[member.name] = DataKeyBit(value: member.value) }
            let text = try await constructor.explanation(for: .testing())
            let key = try await constructor.key(for: .testing())
            if text == json, key.description == md5 {
                passed += 1
            } else {
                failed.append("\(vector.name): \(text) instead of \(json)")
            }
        }
        print("keys.json: \(passed) passed, \(failed.count) failed, \(outside.count) cannot be expressed: \(outside)")
        #expect(failed.isEmpty)
        #expect(passed > 0)
    }
}
