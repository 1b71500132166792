import Foundation

@testable import PipelineSettings

/// A file that is removed with the value.
final class JSONFile {
    let path: String

    convenience init(_ text: String) throws { try self.init(Array(text.utf8)) }

    init(_ bytes: [UInt8]) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).json").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension Settings {
    /// Loads a file with this text, and only these variables.
    static func load(
        json: String, environment: [String: String] = [:], base: Settings = .standard
    ) throws -> Settings {
        let file = try JSONFile(json)
        return try load(environment: environment, jsonFile: file.path, base: base)
    }

    /// The error messages without their positions.
    static func problems(json: String? = nil, environment: [String: String] = [:]) throws -> [String] {
        try errors(json: json.map { Array($0.utf8) }, environment: environment).map(\.message)
    }

    /// The error messages of a file after line and column.
    static func placedProblems(json: String) throws -> [String] {
        try errors(json: Array(json.utf8)).map { "\($0.position.map { "\($0) " } ?? "")\($0.message)" }
    }

    static func errors(json: [UInt8]?, environment: [String: String] = [:]) throws -> [SettingsError.Problem] {
        let file = try json.map(JSONFile.init)
        do throws(SettingsError) {
            _ = try load(environment: environment, jsonFile: file?.path)
            return []
        } catch {
            return error.problems
        }
    }
}
