"""The most common passwords that are long enough to be taken otherwise: what is tried first. Case does not count."""

from __future__ import annotations

# Families seen at the top of every list of leaked passwords: rows of keys, counting, words with a year or digits, names, clubs.
_TEXT = """
    !qaz2wsx3edc 0123456789 0147258369 0987654321 0987654321q 1029384756 1122334455 1231231230 123123123123 1233211233
    123321123321 1234512345 1234567890 1234567891 12345678910 123456789123 1234567899 123456789a 123456789q 123456abcd
    12345abcde 12345qwert 1234qwer1234 123qwe123qwe 1472583690 1478523690 1593572468 159357258456 1a2b3c4d5e 1q2w3e4r5t
    1q2w3e4r5t6y 1q2w3e4r5t6y7u8i9o0p 1qaz2wsx3e 1qaz2wsx3edc 1qazxsw23e 1qazxsw23edc 5201314520 7418529630 7894561230
    9876543210 a123456789 a1b2c3d4e5 a1b2c3d4e5f6 aa12345678 aa123456789 abc1234567 abcd123456 abcd1234abcd abcde12345
    abcdefghij abcdefghijk abcdefghijklmnop admin12345 admin123456 admin1234567 adminadmin administrator administrator1
    alexander1 alexandra1 arsenal123 asd123asd123 asdf1234asdf asdfasdfasdf asdfghjkl1 asdfghjkl123 asdfghjkl;
    asdfghjklzxcvbnm asdqwe1234 australia1 autumn2024 autumn2025 babygirl12 babygirl123 barcelona1 barcelona10 baseball12
    baseball123 basketball batman1234 beautiful1 beautiful123 bestfriend1 bestfriends bitcoin123 bitcoin2024 blessed123
    blink182182 blueberry1 butterfly1 butterfly123 california california1 changeme123 changemenow charlie123 cheesecake
    chelsea123 chocolate1 chocolate123 christian1 christina1 computer12 computer123 contrasena contraseña correcthorse
    correcthorsebatterystaple daniel1234 december25 default123 deutschland dragon1234 dragon12345 ecodml1234 ecodml12345
    elizabeth1 ethereum123 ethereum2024 facebook12 facebook123 football12 football123 friends4ever friendship friendship1
    godisgood1 google1234 guest12345 happiness1 hello12345 hello123456 helloworld helloworld1 helloworld123 hodlhodlhodl
    ilovejesus iloveme123 ilovemyself iloveyou12 iloveyou123 iloveyou1234 iloveyouforever iloveyousomuch internet12
    internet123 jennifer12 jessica123 jesus12345 jesuschrist jesusislord jordan1234 juventus10 letmein123 letmein1234
    letmeinnow linkedin12 linkedin123 liverpool1 liverpool123 lkjhgfdsa1 london1234 lovelovelove loveyou123 manchester
    manchester1 master1234 master12345 metamask123 michael123 michelle12 microsoft1 microsoft123 mnbvcxz123 monkey1234
    monkey12345 motdepasse mypassword1 mypassword123 newpassword newpassword1 newyork123 nicholas12 november11 p@ssw0rd12
    p@ssw0rd123 p@ssword12 p@ssword123 pa55word123 passw0rd12 passw0rd123 password!! password01 password1! password11
    password12 password123 password123! password1234 password12345 password123456 password2020 password2021 password2022
    password2023 password2024 password2025 password2026 password99 passwordpassword passwort123 poiuytrewq pokemon123
    pokemon1234 princess12 princess123 q123456789 q1w2e3r4t5 q1w2e3r4t5y6 qazwsx123456 qazwsxedc123 qazwsxedcrfv qwaszx1234
    qwe123qwe123 qweasdzxc1 qweasdzxc123 qweqweqwe1 qwer123456 qwer1234qwer qwerty123! qwerty1234 qwerty12345 qwerty123456
    qwerty1234567 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop123 qwertyuiopasdfghjklzxcvbnm realmadrid root123456
    rootrootroot samantha12 samsung123 samsung1234 satoshinakamoto secret1234 secret12345 september1 shadow1234 snowflake1
    spiderman1 spiderman123 spring2024 spring2025 starwars12 starwars123 stephanie1 strawberry strawberry1 summer2023
    summer2024 summer2025 summer2026 sunshine12 sunshine123 superman12 superman123 sweetheart sweetheart1 test123456
    test1234567 tester1234 testing123 testing1234 testtest12 testtest123 thepassword toor123456 tothemoon1 trustno1234
    user123456 watermelon1 welcome123 welcome1234 welcome12345 welcome2024 welcome2025 whatever12 whatever123 winter2023
    winter2024 winter2025 winter2026 woaini1314 woaini1314520 woaini520520 zaq12wsxcde3 zaq1xsw2cde3 zxcv1234zxcv zxcvbnm,./
    zxcvbnm123
"""

COMMON = frozenset(_TEXT.split())
