import Foundation
import Testing

@testable import HTTPPipeline
@testable import KeyConstructor

@Suite struct ExchangeInputsTests {
    static func text(_ row: BuiltInBit, _ exchange: Exchange) async throws -> String {
        try await KeyBitTests.json(row.bit, exchange)
    }

    @Test func `The list of bits contains every bit in Sources`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/KeyConstructor")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var types: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let declaration = /(?m)^[a-z ]*(?:struct|class|enum|actor) (\w+)[^{]*:[^{]*\b(?:Async)?KeyBit\b/
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: declaration) {
                types.insert(String(match.1))
            }
        }
        #expect(types == Set(BuiltInBit.all.map(\.type)))
        for row in BuiltInBit.all {
            let bit: Any? = row.bit.synchronous ?? row.bit.asynchronous
            #expect("\(type(of: try #require(bit)))".prefix { $0 != "<" } == row.type)
        }
    }

    @Test func `The changes cover every property of an exchange`() throws {
        func properties(_ value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label) }
        let storage = try ExchangeChange.exchanges()[0].storage
        #expect(properties(storage.client) == ["remoteAddress", "userID", "language", "format"])
        #expect(
            properties(storage) == [
                "request", "body", "route", "pathParameters", "client", "attributes",
                // These are not content of the request.
                "revision", "frameworkRequest", "lazyMemo",
            ])
        for input in ExchangeInput.allCases where input != .external && input != .stamps {
            #expect(ExchangeChange.all.contains { $0.inputs == ExchangeInputs(input) })
        }
    }

    @Test(arguments: BuiltInBit.all)
    func `Undeclared inputs do not change a key`(row: BuiltInBit) async throws {
        for exchange in try ExchangeChange.exchanges() {
            let text = try await Self.text(row, exchange)
            var other = exchange
            for change in ExchangeChange.all where change.inputs.isDisjoint(with: row.bit.inputs) {
                #expect(try await Self.text(row, change.applied(to: exchange)) == text)
                try change.apply(&other)
            }
            #expect(try await Self.text(row, other) == text)
        }
    }

    @Test(arguments: BuiltInBit.all.filter(\.readsEveryInput))
    func `Each declared input changes a key`(row: BuiltInBit) async throws {
        let exchange = try ExchangeChange.exchanges()[0]
        let text = try await Self.text(row, exchange)
        for input in ExchangeInput.allCases
        where input != .external && input != .stamps && row.bit.inputs.contains(ExchangeInputs(input)) {
            var isRead = false
            for change in ExchangeChange.all where change.inputs == ExchangeInputs(input) {
                if try await Self.text(row, change.applied(to: exchange)) != text { isRead = true }
            }
            #expect(isRead, "\(row.type) declares \(input)")
        }
    }

    @Test(arguments: BuiltInBit.all)
    func `A bit reads the inputs that it separates`(row: BuiltInBit) {
        let inputs = row.bit.inputs
        let separates = row.bit.separates
        #expect(!separates.user || inputs.contains(.userID))
        #expect(!separates.body || inputs.contains(.body))
        #expect(!separates.path || inputs.contains(.path))
        #expect(!separates.allFields || inputs.contains(.headerFields))
        #expect(separates.fields.isEmpty || !inputs.isDisjoint(with: [.headerFields, .authority]))
        #expect(separates.negotiatedFields.isEmpty || !inputs.isDisjoint(with: [.headerFields, .format, .language]))
    }

    @Test func `Bits of applications declare every input by default`() {
        struct Custom: KeyBit {
            func write(_ exchange: Exchange, to writer: inout KeyWriter) { writer.writeNull() }
        }
        #expect(Custom().inputs == .all)
        #expect(KeyConstructor.Bit.awaited { _ in 1 }.inputs == .all)
        for input in ExchangeInput.allCases { #expect(ExchangeInputs.all.contains(ExchangeInputs(input))) }
        #expect(KeyConstructor.safeDefault.adding(["a": .custom(Custom())]).storage.recentKeys == nil)
    }

    @Test func `Direct bits write the same values as their bits`() throws {
        let bits = BuiltInBit.all.compactMap(\.bit.synchronous)
        #expect(Set(bits.compactMap(KeyConstructor.DirectBit.init)) == Set(KeyConstructor.DirectBit.allCases))
        for exchange in try ExchangeChange.exchanges() {
            for change in ExchangeChange.all {
                let exchange = try change.applied(to: exchange)
                for row in BuiltInBit.all {
                    guard let bit = row.bit.synchronous else { continue }
                    let text = KeyWriter.text { bit.write(exchange, to: &$0) }
                    #expect(
                        (["b": row.bit] as KeyConstructor).synchronousKey(for: exchange)
                            == CacheKey(digestOf: "{\"b\": \(text)}"))
                }
            }
        }
    }
}
