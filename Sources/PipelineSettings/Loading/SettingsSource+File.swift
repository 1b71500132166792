import Configuration

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SettingsSource {
    /// The settings in a member of a JSON file.
    static func file(_ file: String, prefix: [String], context: LoadingContext) -> SettingsSource {
        var section = SettingsSection(file: file, prefix: prefix, context: context)
        var value = JSONValue.object([:])
        do {
            let root = try JSONDecoder().decode(JSONValue.self, from: try Data(contentsOf: URL(fileURLWithPath: file)))
            value = section.read(root)
        } catch let error as DecodingError {
            section.problems.append(.unusable(file, because: "is not JSON: \(reason(error))"))
        } catch {
            section.problems.append(.unusable(file, because: "cannot be read: \(reason(error))"))
        }
        return SettingsSource(
            file: file, reader: ConfigReader(provider: SnapshotProvider(snapshot: snapshot(of: value))),
            entries: section.entries, problems: section.problems
        )
    }

    /// What swift-configuration makes of a section of which only settings of the right form are left.
    private static func snapshot(of section: JSONValue) -> JSONSnapshot {
        do {
            let data = try JSONEncoder().encode(section)
            return try JSONSnapshot(
                data: Array(data).span.bytes, providerName: "settings", parsingOptions: .default)
        } catch {
            preconditionFailure("a section of numbers and texts is not JSON: \(error)")
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard case .dataCorrupted(let context)? = error as? DecodingError else {
            return (error as? CocoaError)?.code == .fileReadNoSuchFile ? "there is no such file" : "\(error)"
        }
        return context.underlyingError.map { "\($0)" } ?? context.debugDescription
    }
}
