public import Repositories

/// A repository with the same rows for each query, for the cost of a resource without that of a database.
public struct CityRows: Repository {
    private static let id = Field.integer("id").key()
    private static let name = Field.text("name", 1...200).filtered([.equality, .prefix]).sorted()
    private static let country = Field.text("country_code", 2...2).filtered(.equality)
    /// The field by which lists are ordered.
    public static let population = Field.integer("population").filtered(.order).sorted()
    private static let all = FieldSet("cities", id, name, country, population)

    private let batch: RowBatch

    /// Creates the repository.
    ///
    /// - Parameters:
    ///   - rowCount: The number of rows.
    ///   - name: The name in each of them.
    public init(_ rowCount: Int64, named name: String) {
        batch = RowBatch(
            columns: ["id", "name", "country_code", "population"],
            rows: (1...rowCount).map { [.integer($0), .text(name), "DE", .integer(3_400_000)] })
    }

    /// The fields of a city.
    public var fields: FieldSet { Self.all }

    /// Returns all rows.
    public func rows(_ query: RowQuery) async throws -> RowBatch { batch }
    /// Returns the number of a large table.
    public func count(_ selection: Selection) async throws -> Int { 1_000_000 }
    /// Writes nothing.
    public func apply(_ write: RowWrite) async throws -> WriteResult { WriteResult([]) }
    /// Writes nothing.
    public func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int { 0 }
}
