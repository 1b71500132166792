import GRDB

/// The validated columns of a city that a request writes.
struct CityInput: Sendable {
    /// One column and its new value.
    struct Column: Sendable {
        var name: String
        var value: DatabaseValue
    }

    let columns: [Column]

    private static let fields = [
        "name", "country_code", "admin1_code", "population", "latitude", "longitude", "timezone",
    ]

    /// Validates the fields of a body.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - isPartial: Whether fields may be omitted; their columns are unchanged.
    ///   - countryCodes: The codes of all countries.
    /// - Throws: ``APIError`` with all errors of the body.
    init(_ body: JSONBody, isPartial: Bool, countryCodes: Set<String>) throws {
        var reader = FieldReader(body, fields: Self.fields, requiresAll: !isPartial)
        var columns: [Column] = []
        func add(_ name: String, _ value: (some DatabaseValueConvertible)?) {
            if let value { columns.append(Column(name: name, value: value.databaseValue)) }
        }
        let name = reader.text("name", length: 1...200)
        add("name", name)
        add("folded_name", name?.foldedForSearch)
        add(
            "country_code",
            reader.text("country_code", expecting: "the code of a country, for example DE", countryCodes.contains)
        )
        add("admin1_code", reader.text("admin1_code", length: 0...20))
        add("population", reader.wholeNumber("population", in: 0...2_000_000_000))
        add("latitude", reader.number("latitude", in: -90...90))
        add("longitude", reader.number("longitude", in: -180...180))
        add("timezone", reader.text("timezone", length: 1...64))
        try reader.finish()
        self.columns = columns
    }
}
