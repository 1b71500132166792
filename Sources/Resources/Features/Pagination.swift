/// The pages of lists.
public struct Pagination: ResourceFeature, Hashable {
    /// How a page is requested.
    public struct Style: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case pages, cursor
        }

        let kind: Kind

        /// By number: `?page=2&page_size=50`, with the number of all rows. Later pages cost more.
        public static let pages = Style(kind: .pages)

        /// By the last row of the page before: `?cursor=...&page_size=50`, in both directions. Every page costs the same, and rows that are
        /// added or removed in between neither repeat nor hide others. The number of all rows is counted for `?count=true`.
        public static let cursor = Style(kind: .cursor)
    }

    let style: Style
    let size: Int
    let maximum: Int

    /// Declares the pages.
    ///
    /// - Parameters:
    ///   - style: How a page is requested.
    ///   - size: The number of rows of a page.
    ///   - maximum: The maximum number that a client can request, up to 10,000, also with `page_size=max`: drf-extensions' `PaginateByMaxMixin`.
    public init(_ style: Style, size: Int = 20, maximum: Int = 100) {
        precondition(
            size > 0 && maximum >= size && maximum <= 10_000,
            "pages have at least one row, at most the maximum, and the maximum is at most 10,000")
        (self.style, self.size, self.maximum) = (style, size, maximum)
    }

    /// Sets the pages.
    public func apply(to settings: inout ResourceSettings) { settings.pagination = self }
}
