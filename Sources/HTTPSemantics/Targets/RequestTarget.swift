extension String {
    /// The request target without its query: everything before the first question mark. O(length).
    package var targetPath: Substring {
        utf8.firstIndex(of: UInt8(ascii: "?")).map { self[..<$0] } ?? self[...]
    }

    /// The query of the request target: everything after the first question mark; nil without one. O(length).
    package var targetQuery: Substring? {
        utf8.firstIndex(of: UInt8(ascii: "?")).map { self[utf8.index(after: $0)...] }
    }
}
