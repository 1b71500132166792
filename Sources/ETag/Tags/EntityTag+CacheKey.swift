public import HTTPSemantics
public import KeyConstructor

extension EntityTag {
    /// Creates a strong tag from the hexadecimal digits of a key.
    public init(_ key: CacheKey) {
        self.init(unchecked: key.description, isWeak: false)
    }
}
