import Repositories

/// The fields of the tests.
enum Places {
    static let id = Field.integer("id").key()
    static let name = Field.text("name", 1...200).filtered([.equality, .text]).sorted()
    static let folded = Field.text("folded_name").hidden().computed(from: name) { $0.lowercased() }
    static let country = Field.text("country", 2...2).filtered(.equality)
    static let population = Field.integer("population", 0...2_000_000_000).default(0).filtered([.order, .exact])
        .sorted()
    static let area = Field.number("area", 0...1e9).optional().filtered([.order, .equality]).sorted()
    static let isActive = Field.boolean("is_active").default(true).filtered(.equality)
    static let version = Field.integer("version").version()
    static let all = FieldSet("places", id, name, folded, country, population, area, isActive, version)
        .unique("name", "country")
}
