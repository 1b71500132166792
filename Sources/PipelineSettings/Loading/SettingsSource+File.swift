extension SettingsSource {
    /// Returns the settings in a member of a JSON file.
    static func file(_ file: String, prefix: [String], context: LoadingContext) -> SettingsSource {
        let bytes: [UInt8]
        do {
            bytes = try SettingsFile.contents(of: file)
        } catch {
            return SettingsSource(problems: [.unreadable(file, because: error.description)])
        }
        let document = JSONDocument(bytes)
        let section = SettingsSection(document, file: file, prefix: prefix, context: context)
        let syntaxProblems = document.problems.map { problem in
            SettingsError.Problem.syntax(problem.message, at: (file, problem.position))
        }
        return SettingsSource(entries: section.entries, problems: syntaxProblems + section.problems)
    }
}
