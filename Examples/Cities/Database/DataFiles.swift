import Foundation

/// The rows for the tables of a new database, from the files that come with the application.
struct DataFiles {
    let countries: DataFile
    let cities: DataFile
    /// The rows of `country_names`: code, language and name.
    let countryNames: [[String]]
    /// The users of the example: identifier, name, token and whether the user is an editor.
    ///
    /// A real service stores a hash of a token rather than the token.
    let users = [("alice", "Alice", "alice-secret", true), ("bob", "Bob", "bob-secret", false)]

    private let started = ContinuousClock.now

    /// Reads the files, and reports it.
    ///
    /// - Throws: ``DataFile/Failure``, `CSVError`, or the error of reading a file.
    init() throws {
        countries = try DataFile(
            named: "countries",
            columns: ["code", "name", "continent_code", "population", "capital", "currency_code"]
        )
        let germanNames = try DataFile(named: "countries.de", columns: ["code", "name"])
        countryNames =
            countries.records.map { [$0[0], "en", $0[1].trimmingCharacters(in: .whitespaces)] }
            + germanNames.records.map { [$0[0], "de", $0[1]] }
        cities = try DataFile(
            named: "cities15000",
            columns: [
                "id", "name", "country_code", "admin1_code", "population", "latitude", "longitude", "timezone",
            ]
        )
        report("loading \(cities.records.count.formatted(Self.grouped)) cities ... ")
    }

    /// Reports that the tables are filled.
    func reportEnd() {
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        report("done in \(seconds.formatted(.number.precision(.fractionLength(1)).locale(Self.locale))) s\n")
    }

    private static let locale = Locale(identifier: "en_US")
    private static let grouped = IntegerFormatStyle<Int>(locale: locale)

    /// Standard output is for the line with the address of the server.
    private func report(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
