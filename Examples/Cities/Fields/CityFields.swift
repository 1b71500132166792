import Repositories

/// The fields of a city.
enum CityFields {
    static let id = Field.integer("id").key().example(2_950_159)
    static let name = Field.text("name", 1...200).filtered([.equality, .prefix]).sorted()
    static let foldedName = Field.text("folded_name").hidden().computed(from: name) { $0.foldedForSearch }
    static let countryCode = Field.text("country_code", 2...2).filtered(.equality).references("countries").example("DE")
    static let countryName = Field.text("country_name").readOnly()
    static let admin1Code = Field.text("admin1_code", 0...20)
    static let population = Field.integer("population", 0...2_000_000_000).filtered(.order).sorted()
    static let latitude = Field.number("latitude", -90...90)
    static let longitude = Field.number("longitude", -180...180)
    static let timezone = Field.text("timezone", 1...64)
    static let version = Field.integer("version").hidden().version()

    private static let all = FieldSet(
        "cities", id, name, foldedName, countryCode, countryName, admin1Code, population, latitude, longitude, timezone,
        version)

    /// The fields with the name of the country in a language.
    static func named(in language: String) -> FieldSet { all.reading(from: "cities_\(language)") }
}
