import Foundation
import Testing

@testable import PipelineSettings

/// A row of the table of settings in the documentation.
struct SettingRow: CustomTestStringConvertible {
    let member: String
    let variable: String
    let standard: String
    let drf: String

    var testDescription: String { member }

    /// The rows, as they are documented.
    static let all: [SettingRow] = {
        let article = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/PipelineSettings/PipelineSettings.docc/LoadingSettings.md")
        let lines = try! String(contentsOf: article, encoding: .utf8).split(separator: "\n")
        return lines.filter { $0.contains("| `RESPONSE_CACHE_") }.map { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces).trimmingCharacters(in: ["`"]) }
            return SettingRow(member: cells[1], variable: cells[2], standard: cells[4], drf: cells[5])
        }
    }()
}
