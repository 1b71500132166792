extension Shape {
    /// Texts whose comparison as Swift strings or whose segmentation into characters takes more than linear time.
    static let hostileTexts: [(name: String, text: String)] = [
        ("combining marks", "\u{345}\u{301}"), ("flags", "\u{1F1E6}"), ("joined emoji", "\u{1F469}\u{200D}"),
        ("line ends", "\u{2028}\u{301}"),
    ]

    /// Shapes of the path and of the query.
    static let ofTarget: [Shape] = {
        let paths: [(String, String)] = [
            ("one segment", "a"), ("segments", "/a"), ("empty segments", "/"), ("dots", "/.."), ("escapes", "%41"),
            ("escaped slashes", "%2F"), ("escaped percent signs", "%25"), ("malformed escapes", "%4"),
            ("escaped combining marks", "%CD%85%CC%81"), ("escaped flags", "%F0%9F%87%A6"),
            ("escaped invalid bytes", "%FF%C3"), ("escaped question marks", "%3F"),
        ]
        // With escapes, because few parameters without escapes take a separate code path.
        let queries: [(String, String)] = [
            ("one name", "a"), ("the same parameter", "page=%41&"), ("empty parameters", "&"), ("equals signs", "="),
            ("escapes", "%41"), ("escaped combining marks", "%CD%85%CC%81"), ("slashes", "/"), ("question marks", "?"),
            ("plus signs", "+"), ("number signs", "#"), ("number signs in parameters", "a=#&"),
            ("malformed escapes", "%"),
            ("ignored parameters", "utm_x=%41&"), ("names of a pattern", "__i"),
        ]
        return paths.map { name, text in
            Shape(part: "path", name: name) { size in
                var load = Load()
                load.path += filled(text, size)
                return load
            }
        }
            + hostileTexts.map { name, text in
                Shape(part: "path", name: name) { size in
                    var load = Load()
                    load.path += filled(text, size)
                    return load
                }
            }
            + (queries + hostileTexts.prefix(2).map { ($0.name, $0.text) }).map { name, text in
                Shape(part: "query", name: name) { size in
                    var load = Load()
                    load.query = filled(text, size)
                    return load
                }
            }
            + [
                Shape(part: "query", name: "one value") { size in
                    var load = Load()
                    load.query = "page=" + filled("a", size)
                    return load
                },
                Shape(part: "query", name: "many parameters") { size in
                    var load = Load()
                    load.query = numbered(size, separator: "&") { "p\($0)=%41" }
                    return load
                },
                Shape(part: "query", name: "many escaped parameters") { size in
                    var load = Load()
                    load.query = numbered(size, separator: "&") { "%70\($0)=%CD%85%CC%81" }
                    return load
                },
                Shape(part: "query", name: "format of combining marks") { size in
                    var load = Load()
                    load.query = "format=" + filled("%CD%85%CC%81", size)
                    return load
                },
            ]
    }()
}
