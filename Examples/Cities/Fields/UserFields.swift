import Repositories

/// The fields of a user. Clients neither read nor write tokens.
enum UserFields {
    static let id = Field.text("id").key().example("alice")
    static let name = Field.text("name")
    static let all = FieldSet("users", id, name)
}

/// The fields of a user's favourite city.
enum FavouriteFields {
    static let id = Field.integer("id").key()
    static let userID = Field.text("user_id").references("users")
    static let cityID = Field.integer("city_id").references("cities").example(2_950_159)
    static let cityName = Field.text("city_name").readOnly()
    static let all = FieldSet("favourites", id, userID, cityID, cityName)
        .unique("user_id", "city_id").reading(from: "named_favourites")
}
