/// The orders of a list of cities, by their names in the query.
enum CityOrder: String, CaseIterable, Sendable {
    case population
    case populationDescending = "-population"
    case name
    case nameDescending = "-name"

    /// The terms for ORDER BY. The identifier breaks ties, so that no city is on two pages. It has the direction
    /// of the column, so that an index provides the order.
    var sql: String {
        switch self {
        case .population: "population, id"
        case .populationDescending: "population DESC, id DESC"
        case .name: "folded_name, id"
        case .nameDescending: "folded_name DESC, id DESC"
        }
    }
}
