/// The orders in which cities can be listed, by their names in the query.
enum CityOrder: String, CaseIterable, Sendable {
    case population
    case populationDescending = "-population"
    case name
    case nameDescending = "-name"

    /// The terms for ORDER BY. The identifier decides between equals, so that no city is on two pages, and it goes the same
    /// way as the column, so that an index gives the order.
    var sql: String {
        switch self {
        case .population: "population, id"
        case .populationDescending: "population DESC, id DESC"
        case .name: "folded_name, id"
        case .nameDescending: "folded_name DESC, id DESC"
        }
    }
}
