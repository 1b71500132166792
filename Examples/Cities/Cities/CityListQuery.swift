import Foundation
import HTTPPipeline

/// The filter, order and page of a list of cities.
struct CityListQuery: Sendable, Hashable {
    var country: String?
    var namePrefix: String?
    var minimumPopulation: Int?
    var order = CityOrder.populationDescending
    var page = 1
    var pageSize = Self.defaultPageSize

    private static let defaultPageSize = 20

    /// Parses the query of a request. The last value of a repeated parameter counts; unknown parameters are ignored.
    ///
    /// - Throws: ``APIError`` with all invalid parameters.
    init(_ parameters: QueryParameters) throws {
        var reader = QueryReader(parameters)
        country = reader.value("country", expecting: "two letters, for example DE") { text in
            text.utf8.count == 2 && text.allSatisfy { $0.isASCII && $0.isLetter } ? text.uppercased() : nil
        }
        namePrefix = reader.value("name", expecting: "at most 200 characters") { text in
            text.unicodeScalars.count <= 200 ? text : nil
        }
        minimumPopulation = reader.wholeNumber("min_population", in: 0...2_000_000_000)
        let orders = CityOrder.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        order = reader.value("sort", expecting: "one of \(orders)", CityOrder.init) ?? order
        page = reader.wholeNumber("page", in: 1...1_000_000) ?? page
        pageSize = reader.wholeNumber("page_size", in: 1...100) ?? pageSize
        try reader.finish()
    }

    /// The relative URL of a page of the same list.
    ///
    /// It contains only the parsed parameters, because it is cached under a key that contains no other part of the
    /// query.
    func url(page: Int) -> String {
        var items: [URLQueryItem] = []
        if let country { items.append(URLQueryItem(name: "country", value: country)) }
        if let namePrefix { items.append(URLQueryItem(name: "name", value: namePrefix)) }
        if let minimumPopulation { items.append(URLQueryItem(name: "min_population", value: "\(minimumPopulation)")) }
        if order != .populationDescending { items.append(URLQueryItem(name: "sort", value: order.rawValue)) }
        items.append(URLQueryItem(name: "page", value: "\(page)"))
        if pageSize != Self.defaultPageSize { items.append(URLQueryItem(name: "page_size", value: "\(pageSize)")) }
        var components = URLComponents()
        components.path = "/cities"
        components.queryItems = items
        // URLComponents does not encode a plus sign, which decodes as a space.
        components.percentEncodedQuery = components.percentEncodedQuery?.replacing("+", with: "%2B")
        return components.string ?? "/cities"
    }
}
