package import HTTPTypes

extension HTTPFields {
    /// Returns the same value as the subscript, several lines joined by commas, but copies nothing for a single line.
    package func value(of name: HTTPField.Name) -> String? {
        let length = name.canonicalName.utf8.count
        var value: String?
        for field in self where field.name.canonicalName.utf8.count == length && field.name == name {
            guard value == nil else { return self[name] }
            value = field.value
        }
        return value
    }
}
