/// A list without pages.
struct Listing<Item: Representation>: Representation {
    var count: Int
    var results: [Item]

    init(_ results: [Item]) {
        self.count = results.count
        self.results = results
    }

    static var csvHeader: [String] { Item.csvHeader }
    var csvRows: [[String]] { results.flatMap(\.csvRows) }
}
