public import Repositories
import Testing

/// A suite of checks that every `Repository` must pass. Run it in a test of a repository:
///
/// ```swift
/// @Test func `Behaves as every repository does`() async throws {
///     try await RepositorySuite { fields in try MemoryRepository(fields) }.run()
/// }
/// ```
public struct RepositorySuite: Sendable {
    /// The fields of the suite's table, `suite_places`.
    ///
    /// For a database, create the table with ``schema``.
    public static let fields = FieldSet(
        "suite_places", Place.id, Place.name, Place.folded, Place.country, Place.population, Place.area, Place.isActive,
        Place.note, Place.shortNote, Place.writer, Place.version
    ).unique("name", "country")

    /// The same fields, with the versions that rows have by default.
    static let fieldsWithDefaultVersions = FieldSet(
        "suite_places",
        fields: fields.fields.map { field in
            var field = field
            if field.isVersion { field.firstVersion = Field.integer("version").version().description.firstVersion }
            return field
        })

    /// The statements that create the table of ``fields`` in SQLite, and with `BIGSERIAL PRIMARY KEY` as the type of the key
    /// in PostgreSQL.
    public static let schema = [
        """
        CREATE TABLE suite_places (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, folded_name TEXT NOT NULL, country TEXT NOT NULL,
            people BIGINT NOT NULL, area DOUBLE PRECISION, is_active BOOLEAN NOT NULL, note TEXT,
            short_note TEXT, writer TEXT NOT NULL, version BIGINT NOT NULL
        )
        """,
        "CREATE UNIQUE INDEX suite_places_name ON suite_places (name, country)",
    ]

    enum Place {
        static let id = Field.integer("id").key()
        static let name = Field.text("name", 1...200).filtered([.equality, .text]).sorted()
        static let folded = Field.text("folded_name").hidden().computed(from: name) { "<" + $0 + ">" }
        static let country = Field.text("country", 2...2).filtered(.equality)
        static let population = Field.integer("population", 0...1_000_000).column("people").default(7).sorted()
        static let area = Field.number("area").optional().sorted()
        static let isActive = Field.boolean("is_active").default(true)
        static let note = Field.text("note").optional()
        static let shortNote = Field.text("short_note").optional().hidden().computed(from: note) {
            String($0.prefix(3))
        }
        static let writer = Field.text("writer").onWrite { "suite" }
        static let version = Field.integer("version").version { 1 }
    }

    let makeRepository: @Sendable (FieldSet) async throws -> any Repository

    /// Creates a suite for the repositories that a closure creates.
    ///
    /// - Parameter makeRepository: Creates a repository with the given fields and without rows.
    public init(_ makeRepository: @escaping @Sendable (FieldSet) async throws -> any Repository) {
        self.makeRepository = makeRepository
    }

    /// Runs every check, each with its own repository.
    public func run() async throws {
        try await createsRows()
        try await readsPages()
        try await rejectsQueriesThatDoNotFit()
        try await updatesGivenFields()
        try await replacesRows()
        try await checksVersions()
        try await startsVersionsAnew()
        try await deletesRows()
        try await upserts()
        try await reportsDuplicates()
        try await undoesAtomicWrites()
        try await respectsTheScope()
        try await keepsRowsInTheScope()
        try await rejectsInvalidRows()
        try await writesSelectedRows()
        try await bindsHostileTexts()
        try await keepsLargeAndUnusualValues()
        try await acceptsLongLists()
        try await agreesWithTheModel(seed: 1)
        try await agreesWithTheModel(seed: 2)
        try await writesLikeTheModel(seed: 3)
        try await writesConcurrently()
    }

    func make() async throws -> any Repository {
        let repository = try await makeRepository(Self.fields)
        #expect(try await repository.count(.all) == 0, "a new repository has no rows")
        return repository
    }

    static func row(_ name: String, _ country: String, _ population: RowValue = 7) -> RowBatch {
        RowBatch(["name": .text(name), "country": .text(country), "population": population])
    }

    static func rows(_ rows: [(String, String, Int64)]) -> RowBatch {
        RowBatch(
            columns: ["name", "country", "population"],
            rows: rows.map { [.text($0.0), .text($0.1), .integer($0.2)] })
    }
}

extension Repository {
    /// The names of the rows of a query, in their order.
    func names(_ query: RowQuery) async throws -> [String] {
        var query = query
        query.fields = ["name"]
        let batch = try await rows(query)
        return (0..<batch.rowCount).map { batch.text(of: batch[$0, 0]) ?? "" }
    }

    /// The values of some fields of the row with a key.
    func values(_ fields: [String], of key: RowValue) async throws -> [RowValue]? {
        let selection = Selection.comparison(self.fields.key.name, .equal, key)
        let batch = try await rows(RowQuery(selection, fields: fields))
        return batch.rowCount == 1 ? batch.values(row: 0) : nil
    }
}
