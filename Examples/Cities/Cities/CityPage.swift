/// One page of a list of cities.
struct CityPage: Representation {
    /// The number of cities on all pages.
    var count: Int
    /// The query of the request.
    var query: CityListQuery
    var results: [City]

    static var csvHeader: [String] { City.csvHeader }
    var csvRows: [[String]] { results.flatMap(\.csvRows) }

    private enum CodingKeys: String, CodingKey {
        case count, page, next, previous, results
        case pageSize = "page_size"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(count, forKey: .count)
        try container.encode(query.page, forKey: .page)
        try container.encode(query.pageSize, forKey: .pageSize)
        try container.encode(next, forKey: .next)
        try container.encode(previous, forKey: .previous)
        try container.encode(results, forKey: .results)
    }

    private var lastPage: Int { max(1, (count + query.pageSize - 1) / query.pageSize) }

    /// The URL of the following page, or nil on the last one; encoded as null.
    private var next: String? {
        query.page < lastPage ? query.url(page: query.page + 1) : nil
    }

    /// The URL of the previous page, or nil on the first one; beyond the end it is the last page.
    private var previous: String? {
        query.page > 1 ? query.url(page: min(query.page - 1, lastPage)) : nil
    }
}
