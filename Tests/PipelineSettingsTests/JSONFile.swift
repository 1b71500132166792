import Foundation

@testable import PipelineSettings

/// A file with a text, which is gone with the value.
final class JSONFile {
    let path: String

    init(_ text: String) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).json").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension Settings {
    /// Loads from a file with this text, and no other variables than these.
    static func load(
        json: String, environment: [String: String] = [:], base: Settings = .standard
    ) throws -> Settings {
        let file = try JSONFile(json)
        return try load(environment: environment, jsonFile: file.path, base: base)
    }

    /// The sentences about what is wrong; the file is called settings.json in them.
    static func problems(json: String? = nil, environment: [String: String] = [:]) throws -> [String] {
        let file = try json.map(JSONFile.init)
        do throws(SettingsError) {
            _ = try load(environment: environment, jsonFile: file?.path)
            return []
        } catch {
            return error.problems.map { problem in
                file.map { problem.description.replacingOccurrences(of: $0.path, with: "settings.json") }
                    ?? problem.description
            }
        }
    }
}
