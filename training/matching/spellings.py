"""Words that are one to a reader, however they are typed: data for ``normalise``, by hand, from how people chat.

Keys and values are in the normal form of letters already («ا» for «آ», «ه» for «ة», no ZWNJ).
"""

from __future__ import annotations

PREFIXES = ("می", "نمی")
SUFFIXES = frozenset(
    "ها های هایی هایم هایت هایش هایمان هایتان هایشان هام هات هاش تر ترین تری "
    "ام اید ایم اند تان شان مان تون شون مون".split()
)


def _pairs(table: str) -> dict[str, str]:
    """``form: its spelling`` a line, several forms before one colon."""
    rows = [row.split(":") for row in table.strip().splitlines()]
    return {form: written.strip() for forms, written in rows for form in forms.split()}


PERSIAN = _pairs("""
میخوام: میخواهم
میخوای میخواید میخواین: میخواهید
میخواد: میخواهد
میخوایم: میخواهیم
میخوان: میخواهند
نمیخوام: نمیخواهم
نمیخواد: نمیخواهد
نمیخوایم: نمیخواهیم
نمیخواین: نمیخواهید
میشه: میشود
نمیشه: نمیشود
بشه: بشود
نشه: نشود
میشم: میشوم
میشین: میشوید
میشن: میشوند
میگم: میگویم
میگی میگین میگید: میگویید
میگه: میگوید
میگیم: میگوییم
میگن: میگویند
بگین بگید: بگویید
بگم: بگویم
بگه: بگوید
نگین نگید: نگویید
میاد: میاید
نمیاد: نمیاید
میام: میایم
میان: میایند
بیاد: بیاید
بیان: بیایند
میرم: میروم
میره: میرود
میرین: میروید
میریم: میرویم
برم: بروم
برین: بروید
میدم: میدهم
میدی میدین میدید: میدهید
میده: میدهد
میدیم: میدهیم
میدن: میدهند
نمیدم: نمیدهم
نمیدیم: نمیدهیم
نمیده: نمیدهد
بدم: بدهم
بدین بدید: بدهید
بدیم: بدهیم
میکنه: میکند
نمیکنه: نمیکند
میکنین: میکنید
نمیکنین: نمیکنید
میکنن: میکنند
بکنین: بکنید
کنین: کنید
کنن: کنند
کنه: کند
میدونم: میدانم
نمیدونم: نمیدانم
میدونید میدونین میدونی: میدانید
نمیدونید نمیدونین: نمیدانید
میدونه: میداند
میتونم: میتوانم
نمیتونم: نمیتوانم
میتونید میتونین میتونی: میتوانید
نمیتونید نمیتونین: نمیتوانید
میتونه: میتواند
نمیتونه: نمیتواند
میتونیم: میتوانیم
نمیتونیم: نمیتوانیم
بتونم: بتوانم
بتونیم: بتوانیم
بتونید بتونین: بتوانید
میفهمین: میفهمید
میرسه: میرسد
نمیرسه: نمیرسد
برسه: برسد
میرسونم: میرسانم
برسونم: برسانم
میمونم: میمانم
میمونه: میماند
بمونید بمونین: بمانید
میذارم: میگذارم
میذارین میذارید: میگذارید
بذارید بذارین: بگذارید
بذارم: بگذارم
میفرستین: میفرستید
بفرستین: بفرستید
وایسید وایسین وایستید: بایستید
ببخشین: ببخشید
بخشید: ببخشید
دارین: دارید
ندارین: ندارید
داریین: دارید
هستین: هستید
نیستین: نیستید
شدین: شدید
بودین: بودید
کردین: کردید
گفتین: گفتید
اومد: امد
اومده: امده
اومدم: امدم
اومدین: امدید
چیه: چه است
کیه: کی است
اینه: این است
همینه: همین است
خوبه: خوب است
بهتره: بهتر است
درسته: درست است
مهمه: مهم است
سخته: سخت است
ممکنه: ممکن است
معلومه: معلوم است
لازمه: لازم است
کافیه: کافی است
ناراحت‌کنندهس ناراحتکنندهس: ناراحتکننده است
کجاست: کجا است
چیست: چه است
اینجاست: اینجا است
شماست: شما است
ماست: ما است
چی: چه
واسه: برای
واسم: برایم
واستون: برایتان
براتون: برایتان
برام: برایم
براش: برایش
بهتون: بهتان
ازتون: ازتان
باهاتون: باهاتان
خودتون: خودتان
دستتون: دستتان
صداتون: صدایتان
صبرتون: صبرتان
پولتون: پولتان
جون: جان
اون: ان
اونا اونها: انها
اونجا: انجا
همون: همان
همونطور: همانطور
ایشون: ایشان
تومن: تومان
خونه: خانه
خونتون: خانهتان
رو: را
دیگه: دیگر
اگه: اگر
مگه: مگر
یه: یک
یکم: یک کم
الآن الانه: الان
حتمن: حتما
واقعن: واقعا
لطفن: لطفا
لدفا: لطفا
اصن اصلن: اصلا
فعلن: فعلا
مثلن: مثلا
معذرتمیخوام: معذرت میخواهم
عذرمیخوام: عذر میخواهم
عذرخواهم: عذر خواهم
بیزحمت: بی زحمت
مرسی: ممنون
متشکرم متچکرم: ممنون
سپاس سپاسگزارم سپاسگذارم: ممنون
ممنونم: ممنون
پیگیرم: پیگیر هستم
متاسفم: متاسف هستم
""")

ENGLISH = _pairs("""
dont don't: do not
doesnt doesn't: does not
didnt didn't: did not
cant can't cannot: can not
couldnt couldn't: could not
wont won't: will not
wouldnt wouldn't: would not
shouldnt shouldn't: should not
isnt isn't: is not
arent aren't: are not
wasnt wasn't: was not
werent weren't: were not
havent haven't: have not
hasnt hasn't: has not
hadnt hadn't: had not
aint ain't: is not
im i'm: i am
ive i've: i have
i'll: i will
i'd: i would
youre you're: you are
youve you've: you have
youll you'll: you will
you'd: you would
we're: we are
weve we've: we have
we'll: we will
we'd: we would
theyre they're: they are
they've: they have
they'll: they will
its it's: it is
it'll: it will
thats that's: that is
that'll: that will
whats what's: what is
heres here's: here is
theres there's: there is
wheres where's: where is
hows how's: how is
whos who's: who is
let's lets: let us
he's: he is
she's: she is
gonna: going to
wanna: want to
gotta: got to
pls plz pleas: please
thx thnx tnx: thanks
u: you
ur: your
r: are
btw: by the way
asap: as soon as possible
apologize: apologise
apologizing: apologising
apologized: apologised
apologies: apologies
realize: realise
recognize: recognise
organize: organise
prioritize: prioritise
favor: favour
honor: honour
cancelation: cancellation
canceled: cancelled
canceling: cancelling
definately definitly: definitely
recieve: receive
recieved: received
untill: until
tommorow tomorow tommorrow: tomorrow
adress: address
appologise appologize: apologise
appologies: apologies
sory sorrry: sorry
realy: really
ok okey: okay
hallo helo: hello
""")

FINGLISH = _pairs("""
salam: سلام
mamnoon mamnun merci mersi: ممنون
lotfan: لطفا
bebakhshid bebaxshid: ببخشید
moteasefam motasefam: متاسف هستم
mazerat: معذرت
khahesh: خواهش
chashm: چشم
hatman: حتما
farda: فردا
emrooz emruz: امروز
sefaresh: سفارش
""")
