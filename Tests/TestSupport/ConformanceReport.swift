import Foundation
import Testing

/// Counts and prints the results of one file's vectors.
///
/// Vectors are read from `Tests/Fixtures/drf`, or from the folder that the environment variable `DRF_VECTORS` names.
package struct ConformanceReport {
    private let file: String
    private var passed = 0
    private var failed: [String] = []
    private var skipped: [String] = []

    package init(file: String) {
        self.file = file
    }

    /// The cases of a file.
    package static func cases<Vector: Decodable>(of type: Vector.Type, in file: String) throws -> [Vector] {
        try JSONDecoder().decode(File<Vector>.self, from: data(of: file)).cases
    }

    /// The cases of a file without decoding.
    package static func objects(in file: String) throws -> [[String: Any]] {
        let object = try JSONSerialization.jsonObject(with: data(of: file)) as? [String: Any]
        return object?["cases"] as? [[String: Any]] ?? []
    }

    private struct File<Vector: Decodable>: Decodable {
        let cases: [Vector]
    }

    private static func data(of file: String) throws -> Data {
        let folder =
            ProcessInfo.processInfo.environment["DRF_VECTORS"].map { URL(fileURLWithPath: $0) }
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/drf")
        return try Data(contentsOf: folder.appending(path: file))
    }

    package mutating func check(_ name: String, _ holds: Bool, _ explanation: @autoclosure () -> String) {
        if holds {
            passed += 1
        } else {
            failed.append("\(name): \(explanation())")
        }
    }

    package mutating func skip(_ name: String, _ reason: String) {
        skipped.append("\(name) (\(reason))")
    }

    /// Prints the counts and fails the test when a vector failed.
    package func finish() {
        print("\(file): \(passed) passed, \(failed.count) failed, \(skipped.count) cannot be run")
        for line in skipped { print("  not run: \(line)") }
        for line in failed { print("  FAILED: \(line)") }
        #expect(failed.isEmpty)
        #expect(passed > 0)
    }
}
