import Repositories

/// The fields of a country.
enum CountryFields {
    static let code = Field.text("code", 2...2).key().sorted().example("DE")
    static let name = Field.text("name").readOnly().filtered(.prefix).sorted()
    static let continentCode = Field.text("continent_code", 2...2).filtered(.equality)
    static let population = Field.integer("population").filtered(.order).sorted()
    static let capital = Field.text("capital")
    static let currencyCode = Field.text("currency_code").filtered(.equality)

    private static let all = FieldSet(
        "countries", code, name, continentCode, population, capital, currencyCode)

    /// The fields with the name in a language.
    static func named(in language: String) -> FieldSet { all.reading(from: "countries_\(language)") }
}
