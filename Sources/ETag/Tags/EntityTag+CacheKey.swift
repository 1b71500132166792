public import HTTPSemantics
public import KeyConstructor

extension EntityTag {
    /// Creates the strong tag of a key: its hexadecimal digits.
    public init(_ key: CacheKey) {
        self.init(unchecked: key.description, isWeak: false)
    }
}
